"""Opening and closing a session, and who am I."""

from typing import Any

from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.models import User
from django.middleware.csrf import get_token
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ..access.lock_out import SignInThrottle
from ..authentication import enforce_csrf, signed_in
from ..problems import problem_responses
from ..serializers import CsrfTokenSerializer, MeSerializer, SignInSerializer
from .base import OpenView
from .projects import projects_of


@extend_schema(tags=["Sign-in"])
class CsrfView(OpenView):
    @extend_schema(operation_id="get_csrf_token", responses=CsrfTokenSerializer)
    def get(self, request: Request) -> Response:
        """A CSRF token, and the cookie that belongs to it."""
        return Response({"csrf_token": get_token(request._request)}, headers={"Cache-Control": "no-store"})


@extend_schema(tags=["Sign-in"])
class SignInView(OpenView):
    throttle_classes = (SignInThrottle,)
    throttle_scope = "sign_in"

    @extend_schema(
        operation_id="sign_in",
        request=SignInSerializer,
        responses={200: MeSerializer, **problem_responses(400, 403, 429)},
    )
    def post(self, request: Request) -> Response:
        """Open a session. An unknown name, a wrong password and a closed account get the same answer."""
        enforce_csrf(request)
        user = user_with_password(request)
        login(request._request, user)
        return Response(_me(user))


@extend_schema(tags=["Sign-in"])
class SignOutView(APIView):
    @extend_schema(operation_id="sign_out", request=None, responses={204: None, **problem_responses(401, 403)})
    def post(self, request: Request) -> Response:
        """Close the session."""
        logout(request._request)
        return Response(status=204)


@extend_schema(tags=["Sign-in"])
class MeView(APIView):
    @extend_schema(operation_id="get_me", responses={200: MeSerializer, **problem_responses(401)})
    def get(self, request: Request) -> Response:
        """Who is signed in, and what they may do where."""
        return Response(_me(signed_in(request)))


def user_with_password(request: Request) -> User:
    """Whose name and password the body gives. While a name is locked, the lock answers in the view's place."""
    given = SignInSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    user = authenticate(request._request, **given.validated_data)
    if not isinstance(user, User):
        raise ValidationError("The user name or the password is not right.")
    return user


def _me(user: User) -> dict[str, Any]:
    values = {
        "id": user.pk,
        "username": user.get_username(),
        "name": user.get_full_name() or user.get_username(),
        "is_superuser": user.is_superuser,
        "projects": projects_of(user),
    }
    return dict(MeSerializer(values).data)
