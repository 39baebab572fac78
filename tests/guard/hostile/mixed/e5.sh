python -c "$(echo aW1wb3J0 | base64 -d)"
