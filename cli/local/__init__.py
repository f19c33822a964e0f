"""The embedded stack: Postgres, NATS and S3 from wheels, and the services, as processes of this machine."""
