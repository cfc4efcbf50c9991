"""What all pages share: server, URL, models, navigation and errors."""
