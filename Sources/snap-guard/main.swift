import Plumbing

ToolMain.run(SnapGuard.self)
