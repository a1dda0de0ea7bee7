"""How a council's own export becomes canonical extracts: profiles, shipped here or of a council's own."""

from warehouse.profiles.profile import Profile, ProfileError, known, load, shipped

__all__ = ["Profile", "ProfileError", "known", "load", "shipped"]
