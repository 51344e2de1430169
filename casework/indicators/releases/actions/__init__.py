"""What changes: periods frozen, editions proposed, agreed to, published."""
