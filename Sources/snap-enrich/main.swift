import Plumbing

ToolMain.run(SnapEnrich.self)
