"""Forms of files: tables as text and in JSON, files in folders and archives, and the encoding of text."""
