"""What the store knows of people: what they have made, and the sentences that they have typed."""
