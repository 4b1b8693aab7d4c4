"""What all tests share: the fixtures of a real control plane, and how Hypothesis behaves on busy machines."""

from hypothesis import settings

pytest_plugins = ["envtest", "apiserver_fixtures", "browser", "foreign_clients"]

settings.register_profile("opgen", deadline=None)  # a shared core makes single examples slow, not wrong
settings.load_profile("opgen")
