"""Reviews, from anywhere to a `ReviewPool`, and what can be asked of them."""
