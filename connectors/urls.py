from django.urls import path

from .links import CALLBACK
from .views import (
    AccountBudgetView,
    AccountCallbackView,
    AccountConnectView,
    AccountsView,
    AccountTestView,
    AccountTierView,
    AccountView,
    PlatformsView,
    PoliciesView,
)

urlpatterns = [
    path("connectors/", PlatformsView.as_view(), name="platforms"),
    path("connectors/policies/", PoliciesView.as_view(), name="policies"),
    path("connectors/accounts/", AccountsView.as_view(), name="accounts"),
    path("connectors/accounts/callback/", AccountCallbackView.as_view(), name=CALLBACK),
    path("connectors/accounts/<int:pk>/", AccountView.as_view(), name="account"),
    path("connectors/accounts/<int:pk>/test/", AccountTestView.as_view(), name="account-test"),
    path("connectors/accounts/<int:pk>/connect/", AccountConnectView.as_view(), name="account-connect"),
    path("connectors/accounts/<int:pk>/tier/", AccountTierView.as_view(), name="account-tier"),
    path("connectors/accounts/<int:pk>/budget/", AccountBudgetView.as_view(), name="account-budget"),
]
