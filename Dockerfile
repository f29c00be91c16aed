# One image for every process: `web` by default, workers and commands by another command (see compose.yaml).
# Nothing secret is in it: settings come from the environment, data lies in the volume /data.

FROM node:20-slim AS dashboard
WORKDIR /build/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY frontend/ ./
RUN npm run build

FROM python:3.11-slim AS packages
RUN python -m pip install --quiet --no-cache-dir uv==0.13.9
COPY requirements.txt ./
RUN uv venv /opt/signalops \
    && uv pip install --python /opt/signalops/bin/python --no-cache --require-hashes --compile-bytecode -r requirements.txt

FROM python:3.11-slim
ENV PATH=/opt/signalops/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    SIGNALOPS_DATA_DIR=/data \
    DEVELOPMENT=0
RUN groupadd --system --gid 10001 signalops \
    && useradd --system --uid 10001 --gid signalops --home-dir /data --no-create-home signalops \
    && install --directory --mode 0700 --owner signalops --group signalops /data
COPY --from=packages /opt/signalops /opt/signalops
WORKDIR /app
COPY manage.py requirements.txt ./
COPY connectors connectors
COPY experiments experiments
COPY leads leads
COPY projects projects
COPY scoring scoring
COPY signalops_site signalops_site
COPY training training
COPY --from=dashboard /build/frontend/dist frontend/dist
RUN python -m compileall -q connectors experiments leads scoring signalops_site training

USER signalops
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=6s --start-period=60s --retries=3 CMD ["python", "-m", "signalops_site.healthcheck", "8000"]
CMD ["python", "-m", "daphne", "-v", "0", "-b", "0.0.0.0", "-p", "8000", "signalops_site.asgi:application"]
