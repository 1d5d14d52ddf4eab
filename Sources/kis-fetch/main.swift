import Fetch
import Plumbing

ToolMain.run(KisFetch.self)
