"""When does a web application go on whose origin is slow? Pages with a budget under more load than fits."""
