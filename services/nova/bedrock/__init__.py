"""Amazon Nova on Bedrock looks at files."""
