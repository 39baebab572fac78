echo 'di' | rev | sh
