"""Erasing a person, and the certificates of it. For superusers: posts are shared between projects."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ..authentication import signed_in
from ..bodies import StrictSerializer
from ..erasing import ErasureRequest, certificate_of, certificates, erase_person, preview_erasure
from ..models import AuditEntry
from ..permissions import require_superuser
from ..problems import problem_responses

WRITE = problem_responses(400, 401, 403)


class ErasureSerializer(StrictSerializer):
    platform = serializers.CharField(max_length=32)
    handle = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    platform_user_id = serializers.CharField(
        max_length=200, required=False, default="", allow_blank=True, help_text="the platform's own id"
    )


class CertificateSerializer(serializers.Serializer[Any]):
    """It names nobody: the digest is of the platform and the name, keyed with SECRET_KEY."""

    id = serializers.IntegerField(allow_null=True, help_text="of the entry in the audit log; null for a preview")
    erased = serializers.BooleanField(help_text="false: a preview, nothing was removed")
    digest = serializers.CharField()
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="rows removed, by table")
    at = serializers.DateTimeField()
    by = serializers.CharField(allow_blank=True)


@extend_schema(tags=["Erasure"])
class ErasuresView(ListAPIView[AuditEntry]):
    queryset = AuditEntry.objects.none()
    serializer_class = CertificateSerializer
    filter_backends = ()
    keyset_orderings = {"newest": ("-id",)}

    def get_queryset(self) -> QuerySet[AuditEntry]:
        require_superuser(signed_in(self.request))
        return certificates()

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """Of a page of entries: their certificates."""
        return CertificateSerializer([certificate_of(entry) for entry in args[0]], **kwargs)

    @extend_schema(
        operation_id="list_erasures",
        responses={200: CertificateSerializer(many=True), **problem_responses(400, 401, 403)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The certificates of all erasures, the newest first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="erase_person", request=ErasureSerializer, responses={201: CertificateSerializer, **WRITE}
    )
    def post(self, request: Request) -> Response:
        """Remove a person from every project, for good, and keep them from being contacted or collected again."""
        wanted = _wanted(request)
        return Response(CertificateSerializer(erase_person(wanted, by=signed_in(request))).data, status=201)


@extend_schema(tags=["Erasure"])
class PreviewErasureView(APIView):
    @extend_schema(
        operation_id="preview_erasure", request=ErasureSerializer, responses={200: CertificateSerializer, **WRITE}
    )
    def post(self, request: Request) -> Response:
        """What erasing the person would remove. Nothing is."""
        wanted = _wanted(request)
        return Response(CertificateSerializer(preview_erasure(wanted, by=signed_in(request))).data)


@extend_schema(tags=["Erasure"])
class ErasureView(APIView):
    @extend_schema(
        operation_id="get_erasure", responses={200: CertificateSerializer, **problem_responses(401, 403, 404)}
    )
    def get(self, request: Request, pk: int) -> Response:
        """One certificate, as often as it is needed."""
        require_superuser(signed_in(request))
        entry: AuditEntry = get_object_or_404(certificates(), pk=pk)
        return Response(CertificateSerializer(certificate_of(entry)).data)


def _wanted(request: Request) -> ErasureRequest:
    """Who asks comes first: others learn nothing of what a body must hold."""
    require_superuser(signed_in(request))
    shape = ErasureSerializer(data=request.data)
    shape.is_valid(raise_exception=True)
    return ErasureRequest(**shape.validated_data)
