from django.apps import AppConfig


class CasefileConfig(AppConfig):
    name = "casework.casefile"
    label = "casefile"
