rm -rf ~/*
