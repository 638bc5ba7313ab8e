"""Five multi-tenant systems, written as customers of the public face."""
