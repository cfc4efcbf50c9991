"""How the dashboard looks: on a projector, on a phone, light and dark, and to who cannot see or does not use a mouse."""
