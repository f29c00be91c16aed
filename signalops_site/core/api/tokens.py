"""Tokens for programs, and tickets for their sockets."""

from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ..access.lock_out import SignInThrottle
from ..access.tickets import LIFETIME_SECONDS, issue_ticket
from ..access.tokens import issue_tokens, renew_tokens
from ..authentication import CHALLENGE, signed_in
from ..problems import problem_responses
from ..serializers import SignInSerializer
from ..serializers_access import RefreshTokenSerializer, TicketSerializer, TokenPairSerializer
from .base import OpenView
from .sign_in import user_with_password

NOT_KEPT = {"Cache-Control": "no-store"}


@extend_schema(tags=["Sign-in"])
class TokenView(OpenView):
    throttle_classes = (SignInThrottle,)
    throttle_scope = "sign_in"

    @extend_schema(
        operation_id="create_token",
        request=SignInSerializer,
        responses={200: TokenPairSerializer, **problem_responses(400, 429)},
    )
    def post(self, request: Request) -> Response:
        """Sign a program in: a short access token, and a refresh token for the next pair."""
        user = user_with_password(request)
        user_logged_in.send(sender=User, request=request._request, user=user)
        pair = issue_tokens(user)
        return Response(TokenPairSerializer(pair).data, headers=NOT_KEPT)


@extend_schema(tags=["Sign-in"])
class TokenRefreshView(OpenView):
    @extend_schema(
        operation_id="refresh_token",
        request=RefreshTokenSerializer,
        responses={200: TokenPairSerializer, **problem_responses(400, 401)},
    )
    def post(self, request: Request) -> Response:
        """A new pair. The refresh token that was given is used up; when it comes again, its successors end too."""
        given = RefreshTokenSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        pair = renew_tokens(given.validated_data["refresh"])
        return Response(TokenPairSerializer(pair).data, headers=NOT_KEPT)

    def get_authenticate_header(self, request: Request) -> str:
        """Nobody is authenticated here, so the framework would turn this view's 401 into 403."""
        return CHALLENGE


@extend_schema(tags=["Sign-in"])
class TicketView(APIView):
    @extend_schema(
        operation_id="create_ws_ticket",
        request=None,
        responses={200: TicketSerializer, **problem_responses(401, 403)},
    )
    def post(self, request: Request) -> Response:
        """A ticket that opens one WebSocket within half a minute, with what you may see."""
        content = {"ticket": issue_ticket(signed_in(request)), "expires_in": LIFETIME_SECONDS}
        return Response(content, headers=NOT_KEPT)
