/** One accent colour (iris), one type family, two text sizes for nearly everything; 8-pixel spacing. */
import { createTheme, type MantineColorsTuple } from '@mantine/core';

const iris: MantineColorsTuple = [
  '#f1f1fd',
  '#e1e1f8',
  '#c3c2f0',
  '#a3a1e8',
  '#8785e1',
  '#716fd9',
  '#5d5bd0',
  '#4b49bd',
  '#403ea6',
  '#32308a',
];

export const theme = createTheme({
  primaryColor: 'iris',
  primaryShade: { light: 7, dark: 5 },
  autoContrast: true,
  colors: {
    iris,
    // A neutral dark with a little blue, so that panels stand off without borders shouting.
    dark: [
      '#e6e7ee',
      '#c9cbd6',
      '#a3a6b5',
      '#7f8294',
      '#4a4d5e',
      '#34374a',
      '#262938',
      '#1c1e2a',
      '#151721',
      '#0f1018',
    ],
  },
  fontFamily: "Inter, -apple-system, 'Segoe UI', sans-serif",
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, monospace',
  headings: { fontWeight: '600', sizes: { h1: { fontSize: '24px', lineHeight: '32px' } } },
  fontSizes: { xs: '13px', sm: '14px', md: '14px', lg: '16px', xl: '24px' },
  lineHeights: { xs: '20px', sm: '22px', md: '22px', lg: '24px', xl: '32px' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  defaultRadius: 'md',
  radius: { md: '8px' },
  components: {
    Button: { defaultProps: { size: 'sm' } },
    TextInput: { defaultProps: { size: 'sm' } },
    Select: { defaultProps: { size: 'sm', checkIconPosition: 'right' } },
    Modal: {
      // A question stands above the sheet that asks it.
      defaultProps: { centered: true, radius: 'lg', padding: 'lg', zIndex: 300 },
      styles: { title: { fontSize: '16px', fontWeight: 600 } },
    },
    Drawer: {
      defaultProps: { position: 'right', size: 'xl', padding: 'lg' },
      styles: { title: { fontSize: '16px', fontWeight: 600 } },
    },
  },
});
