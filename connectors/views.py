"""Platforms and accounts: parse, call one function, present."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseRedirect
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import ListAPIView, get_object_or_404
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from signalops_site.core.api.base import NotByKey, project_or_all_in_body
from signalops_site.core.authentication import signed_in
from signalops_site.core.errors import DomainError
from signalops_site.core.models import Role
from signalops_site.core.permissions import visible_project
from signalops_site.core.problems import problem_responses

from . import selectors, services
from .connecting import ConnectFailed
from .links import accounts_page, callback_address, session_key_of
from .models import Account
from .serializers import (
    AccountSerializer,
    AddAccountSerializer,
    ConnectSerializer,
    PlatformPolicySerializer,
    PlatformSerializer,
    RotateAccountSerializer,
    SetBudgetSerializer,
    TierSerializer,
)

READ = problem_responses(401, 404)
WRITE = problem_responses(400, 401, 403, 404, 503)
PROJECT = OpenApiParameter("project", str, description="a project's slug: its accounts, and those that all share")


@extend_schema(tags=["Connectors"])
class PlatformsView(APIView):
    @extend_schema(
        operation_id="list_platforms", responses={200: PlatformSerializer(many=True), **problem_responses(401)}
    )
    def get(self, request: Request) -> Response:
        """Every platform, with only what it can really do, and what an account of it consists of."""
        return Response(PlatformSerializer(selectors.all_platforms(), many=True).data)


@extend_schema(tags=["Connectors"])
class PoliciesView(APIView):
    @extend_schema(
        operation_id="list_policies",
        responses={200: PlatformPolicySerializer(many=True), **problem_responses(401)},
    )
    def get(self, request: Request) -> Response:
        """What each platform allows: every rule with its source and the day on which it was read."""
        return Response(PlatformPolicySerializer(selectors.ruled_platforms(), many=True).data)


@extend_schema(tags=["Connectors"])
class AccountsView(ListAPIView[Account]):
    queryset = Account.objects.all()
    serializer_class = AccountSerializer
    keyset_orderings = {"newest": ("-id",)}

    def get_queryset(self) -> QuerySet[Account]:
        user = signed_in(self.request)
        accounts = selectors.accounts_for(user)
        if slug := self.request.query_params.get("project"):
            project = visible_project(user, slug, role=Role.OPERATOR)
            return accounts.filter(project=project) | accounts.filter(project=None)
        return accounts

    @extend_schema(
        operation_id="list_accounts",
        parameters=[PROJECT],
        responses={200: AccountSerializer(many=True), **problem_responses(400, 401, 403, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The accounts of the projects that you operate, and those that all projects share, with their health."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="add_account",
        request=AddAccountSerializer,
        responses={201: AccountSerializer, **WRITE, **problem_responses(409)},
    )
    def post(self, request: Request) -> Response:
        """Add an account. Its platform is asked first: what it refuses is not stored."""
        project = project_or_all_in_body(request, role=Role.OPERATOR)
        given = _read(AddAccountSerializer, request.data) | {"project": project}
        account = services.add_account(given.pop("platform"), by=signed_in(request), **given)
        return Response(AccountSerializer(account).data, status=201)


@extend_schema(tags=["Connectors"])
class AccountView(APIView):
    @extend_schema(operation_id="get_account", responses={200: AccountSerializer, **READ})
    def get(self, request: Request, pk: int) -> Response:
        """An account and its health. Its credentials are in no answer."""
        return Response(AccountSerializer(_account(request, pk)).data)

    @extend_schema(
        operation_id="rotate_account",
        request=RotateAccountSerializer,
        responses={200: AccountSerializer, **WRITE},
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Replace the credentials, once the platform has accepted the new ones."""
        account = _account(request, pk)
        given = _read(RotateAccountSerializer, request.data)
        rotated = services.rotate_account(account, credentials=given["credentials"], by=signed_in(request))
        return Response(AccountSerializer(rotated).data)

    @extend_schema(operation_id="remove_account", responses={204: None, **problem_responses(401, 403, 404)})
    def delete(self, request: Request, pk: int) -> Response:
        """Forget the account and its credentials."""
        services.remove_account(_account(request, pk), by=signed_in(request))
        return Response(status=204)


@extend_schema(tags=["Connectors"])
class AccountTestView(APIView):
    @extend_schema(
        operation_id="test_account",
        request=None,
        responses={200: AccountSerializer, **problem_responses(400, 401, 403, 404)},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Ask the platform whether it takes the account; `state` and `last_error` say what it answered."""
        account = services.check_account(_account(request, pk), by=signed_in(request))
        return Response(AccountSerializer(account).data)


class InPerson(NotByKey):
    message = "An account is connected by a person: sign in."


@extend_schema(tags=["Connectors"])
class AccountConnectView(APIView):
    permission_classes = (IsAuthenticated, InPerson)

    @extend_schema(
        operation_id="connect_account",
        request=None,
        responses={200: ConnectSerializer, **problem_responses(400, 401, 403, 404, 503)},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Where a person agrees to what the account is for. The address holds once, and for ten minutes."""
        account = _account(request, pk)
        url = services.start_connect(
            account,
            by=signed_in(request),
            session_key=session_key_of(request),
            redirect_uri=callback_address(request),
        )
        return Response({"url": url})


@extend_schema(tags=["Connectors"])
class AccountCallbackView(APIView):
    permission_classes = (IsAuthenticated, InPerson)

    @extend_schema(
        operation_id="account_callback",
        parameters=[
            OpenApiParameter("state", str, description="what the platform was handed"),
            OpenApiParameter("code", str, description="stands for what the person agreed to"),
            OpenApiParameter("error", str, description="why there is no code"),
        ],
        responses={302: None, **problem_responses(401, 403)},
    )
    def get(self, request: Request) -> HttpResponseRedirect:
        """Where a platform sends the person back to, who goes on to the dashboard's accounts: `?connected=` with
        the account's id, or `?problem=` with a word for it.
        """
        given = {name: request.query_params.get(name, "") for name in ("state", "code", "error")}
        try:
            account = services.finish_connect(
                given.pop("state"), by=signed_in(request), session_key=session_key_of(request), **given
            )
        except ConnectFailed as failure:
            return _sent_to(accounts_page(failure.account, problem=failure.code))
        except DomainError:
            return _sent_to(accounts_page(problem=ConnectFailed.code))
        return _sent_to(accounts_page(account, connected=account.pk))


def _sent_to(page: str) -> HttpResponseRedirect:
    response = HttpResponseRedirect(page)
    response["Cache-Control"] = "no-store"
    return response


@extend_schema(tags=["Connectors"])
class AccountTierView(APIView):
    @extend_schema(
        operation_id="record_account_tier",
        request=TierSerializer,
        responses={200: AccountSerializer, **problem_responses(400, 401, 403, 404)},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Record which access the account has; the platform's rules for replies follow from it."""
        account = _account(request, pk)
        tier = _read(TierSerializer, request.data)["tier"]
        recorded = services.record_tier(account, tier=tier, by=signed_in(request))
        return Response(AccountSerializer(recorded).data)


@extend_schema(tags=["Connectors"])
class AccountBudgetView(APIView):
    @extend_schema(
        operation_id="set_account_budget",
        request=SetBudgetSerializer,
        responses={200: AccountSerializer, **problem_responses(400, 401, 403, 404)},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Limit what the account reads in a month. Runs put its queries off when that is spent."""
        account = _account(request, pk)
        given = _read(SetBudgetSerializer, request.data)
        limited = services.set_read_budget(
            account, posts=given["posts_limit"], usd=given["usd_limit"], by=signed_in(request)
        )
        return Response(AccountSerializer(limited).data)


def _account(request: Request, pk: int) -> Account:
    return get_object_or_404(selectors.accounts_for(signed_in(request)), pk=pk)


def _read(shape: Any, data: Any) -> dict[str, Any]:
    given = shape(data=data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)
