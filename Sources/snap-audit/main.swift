import Plumbing

ToolMain.run(SnapAudit.self)
