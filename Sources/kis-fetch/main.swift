import Plumbing

ToolMain.run(KisFetch.self)
