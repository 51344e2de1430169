"""What is read of measures, opened under the gate of the journal."""
