// The package octofetch-testing: where the program of the scripted origin lies, which a package for each platform brings.
'use strict';

/** For Origin of octofetch/testing; `platform` as in linux-x64-gnu. */
exports.originOf = (platform) => require.resolve(`@octofetch/testing-${platform}/octo-origin`);
