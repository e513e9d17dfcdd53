import { LabIcon } from "@jupyterlab/ui-components";

export const chatIcon = new LabIcon({
  name: "autogen-jupyter:chat",
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 24 24">
  <path class="jp-icon3 jp-icon-selectable" fill="#616161" d="M3 3h13a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1H7l-3.2 3.2A.5.5 0 0 1 3 15.800V4a1 1 0 0 1 0-1zm16 5h1a1 1 0 0 1 1 1v12.300a.5.5 0 0 1-.8.400L17 18H9a1 1 0 0 1-1-1v-2h9a2 2 0 0 0 2-2z"/>
</svg>`,
});

export const fixIcon = new LabIcon({
  name: "autogen-jupyter:fix",
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 24 24">
  <path class="jp-icon3 jp-icon-selectable" fill="#616161" d="M21 6.500a5.500 5.500 0 0 1-7.400 5.150L6.700 18.600a2.300 2.300 0 0 1-3.250-3.250l6.950-6.950A5.500 5.500 0 0 1 17.300 2.150L14 5.450l.6 3 3 .6 3.250-3.300q.15.350.15.750z"/>
</svg>`,
});
