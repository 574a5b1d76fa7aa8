"""The state machine: its definition, its payloads, and the step behind each task state."""
