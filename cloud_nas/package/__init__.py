"""What travels to a cloud: the engine, the user's code, the definition, the rows. Each parcel is known by its content."""
