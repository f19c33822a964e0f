"""Amazon Bedrock: its clients, what can go wrong with them in words, and the bucket in which it finds large media."""
