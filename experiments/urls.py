from django.urls import path

from . import views, views_models

urlpatterns = [
    path("experiments/", views.ExperimentsView.as_view(), name="experiments"),
    path("experiments/sample-size/", views.SampleSizeView.as_view(), name="experiment-sample-size"),
    path("experiments/<int:pk>/", views.ExperimentView.as_view(), name="experiment"),
    path("experiments/<int:pk>/results/", views.ExperimentResultsView.as_view(), name="experiment-results"),
    path("experiments/<int:pk>/pause/", views.ExperimentPauseView.as_view(), name="experiment-pause"),
    path("experiments/<int:pk>/resume/", views.ExperimentResumeView.as_view(), name="experiment-resume"),
    path("experiments/<int:pk>/stop/", views.ExperimentStopView.as_view(), name="experiment-stop"),
    path("experiments/<int:pk>/promote/", views.ExperimentPromoteView.as_view(), name="experiment-promote"),
    path("experiments/<int:pk>/rollback/", views.ExperimentRollbackView.as_view(), name="experiment-rollback"),
    path("models/", views_models.ModelsView.as_view(), name="models"),
    path("models/<int:pk>/activate/", views_models.ModelActivateView.as_view(), name="model-activate"),
    path("models/<int:pk>/deactivate/", views_models.ModelDeactivateView.as_view(), name="model-deactivate"),
    path("models/<int:pk>/retire/", views_models.ModelRetireView.as_view(), name="model-retire"),
]
