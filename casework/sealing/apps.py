from django.apps import AppConfig


class SealingConfig(AppConfig):
    name = "casework.sealing"
    label = "sealing"
