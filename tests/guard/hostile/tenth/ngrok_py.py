from pyngrok import ngrok
print(ngrok.connect(5000).public_url)
