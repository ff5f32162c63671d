"""The mistakes of lab5-family, by the parts of the model that its sections change."""

LAB5: dict[str, str] = {}
