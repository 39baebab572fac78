docker run --rm -it -v /:/mnt --privileged alpine chroot /mnt sh
