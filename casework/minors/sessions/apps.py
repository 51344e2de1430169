from django.apps import AppConfig


class SessionsConfig(AppConfig):
    name = "casework.minors.sessions"
    label = "group_sessions"  # django.contrib.sessions holds "sessions"
    verbose_name = "Réunions"
