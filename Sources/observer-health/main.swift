import Plumbing

ToolMain.run(ObserverHealth.self)
