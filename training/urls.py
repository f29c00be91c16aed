from django.urls import path

from . import views

urlpatterns = [
    path("training/pairs/", views.PairsView.as_view(), name="pairs"),
    path("training/pairs/<int:pk>/", views.PairView.as_view(), name="pair"),
    path("training/exports/", views.ExportsView.as_view(), name="exports"),
    path("training/exports/<int:pk>/", views.ExportView.as_view(), name="export"),
    path("training/exports/<int:pk>/download/", views.ExportDownloadView.as_view(), name="export-download"),
]
