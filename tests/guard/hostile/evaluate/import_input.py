name = request.args['module']
mod = __import__(name)
