"""What a new project starts with: its files, its licence notices, and the wheels it may carry along."""
