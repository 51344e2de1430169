"""What the screens of réparations need."""
