"""project.yaml: its shape (`schema`), reading it with line numbers (`reading`), keeping versions (`versions`)."""
