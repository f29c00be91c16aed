// What a browser downloads first on a route: the entry, the route's chunk and everything they import statically.
// Fails above the budget (kilobytes of JavaScript, gzipped).
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BUDGET = 200;
const ROUTES = { "sign-in": "src/features/auth/sign-in-page.tsx", queue: "src/features/review/queue-page.tsx" };
const SHELL = ["src/app/shell/project-layout.tsx"];

const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));

function reach(key, seen = new Set()) {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const next of manifest[key].imports ?? []) reach(next, seen);
  return seen;
}

const gzipped = (file) => gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length / 1000;

let failed = false;
for (const [name, page] of Object.entries(ROUTES)) {
  const roots = ["index.html", page, ...(name === "sign-in" ? [] : SHELL.filter((key) => key in manifest))];
  const keys = new Set(roots.flatMap((root) => [...reach(root)]));
  const files = new Set([...keys].map((key) => manifest[key].file).filter((file) => file.endsWith(".js")));
  const total = [...files].reduce((sum, file) => sum + gzipped(file), 0);
  failed ||= total > BUDGET;
  console.log(`${name}: ${total.toFixed(1)} kB of ${BUDGET} kB gzipped, ${files.size} files`);
}
process.exit(failed ? 1 : 0);
