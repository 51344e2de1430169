from django.apps import AppConfig


class FollowupsConfig(AppConfig):
    name = "casework.minors.followups"
    label = "followups"
    verbose_name = "Situations"
